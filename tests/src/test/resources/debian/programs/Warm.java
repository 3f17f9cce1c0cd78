import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** What a compiler at run time has to get right: hot loops, inlined calls, traps, a change of mind, threads, garbage. */
public class Warm {
  interface Shape {
    double area();
  }

  record Square(double side) implements Shape {
    public double area() {
      return side * side;
    }
  }

  record Circle(double radius) implements Shape {
    public double area() {
      return Math.PI * radius * radius;
    }
  }

  static double areas(Shape[] shapes) {
    double sum = 0;
    for (Shape shape : shapes) {
      sum += shape.area();
    }
    return sum;
  }

  static long collatz(int limit) {
    long steps = 0;
    for (int i = 1; i < limit; i++) {
      for (long n = i; n != 1; steps++) {
        n = (n & 1) == 0 ? n / 2 : 3 * n + 1;
      }
    }
    return steps;
  }

  static int traps(String[] words) {
    int caught = 0;
    for (int i = 0; i < 40_000; i++) {
      try {
        caught += words[i % (words.length + 1)].length() / (i % 3);
      } catch (NullPointerException e) {
        caught += 1000;
      } catch (ArithmeticException e) {
        caught += 100;
      } catch (ArrayIndexOutOfBoundsException e) {
        caught += 10;
      }
    }
    return caught;
  }

  public static void main(String[] arguments) throws Exception {
    System.out.println("collatz " + collatz(20_000));
    Shape[] shapes = new Shape[1000];
    double sum = 0;
    for (int round = 0; round < 60; round++) {
      for (int i = 0; i < shapes.length; i++) {
        shapes[i] = round > 40 && i % 2 == 0 ? new Circle(i) : new Square(i);
      }
      sum += areas(shapes);
    }
    System.out.println("areas " + sum);
    System.out.println("traps " + traps(new String[] {"one", null, "three", "fourteen"}));

    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] block = new byte[4096];
    for (int i = 0; i < 60; i++) {
      block[i] = (byte) i;
      digest.update(block);
    }
    System.out.println("digest " + HexFormat.of().formatHex(digest.digest()));

    TreeMap<Integer, String> map = new TreeMap<>();
    for (int i = 0; i < 20_000; i++) {
      map.put(i * 7919 % 10_007, "v" + i);
    }
    System.out.println("map " + map.hashCode());

    AtomicLong total = new AtomicLong();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      int own = t;
      Thread thread = new Thread(() -> {
        for (int i = 0; i < 20_000; i++) {
          total.addAndGet((long) i * own);
        }
      });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    System.out.println("threads " + total);
    long kept = 0;
    for (int i = 0; i < 300; i++) {
      kept += new byte[100_000 + i].length;
    }
    System.out.println("garbage " + kept);
  }
}
