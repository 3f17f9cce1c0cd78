package dev.monoceros.machine.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class EventQueueTest {
  private final TestTime time = new TestTime();
  private final EventQueue queue = time.events;
  private final List<String> ran = new ArrayList<>();

  @Test
  void eventsAtOneTimeRunInTheOrderInWhichTheyWereArmed() {
    Event a = queue.schedule(10, () -> ran.add("a"));
    queue.schedule(10, () -> ran.add("b"));
    queue.schedule(5, () -> ran.add("first"));
    queue.arm(a, 10);
    time.runTo(10);
    assertThat(ran).containsExactly("first", "b", "a");
  }

  @Test
  void anEventRunsAtItsTimeAndNotBefore() {
    queue.schedule(10, () -> ran.add("x"));
    time.jumpTo(9);
    queue.runDue();
    assertThat(ran).isEmpty();
    time.jumpTo(10);
    queue.runDue();
    assertThat(ran).containsExactly("x");
    assertThat(queue.nextDeadline()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void anEventArmedForThePastByAnEventRunsInTheSameRound() {
    queue.schedule(10, () -> queue.schedule(3, () -> ran.add("inner")));
    time.jumpTo(20);
    queue.runDue();
    assertThat(ran).containsExactly("inner");
  }

  @Test
  void aCancelledEventDoesNotRunAndCanBeArmedAgain() {
    Event event = queue.schedule(10, () -> ran.add("x"));
    queue.cancel(event);
    queue.cancel(event);
    assertThat(event.isArmed()).isFalse();
    time.runTo(10);
    assertThat(ran).isEmpty();
    queue.arm(event, 12);
    assertThat(queue.nextDeadline()).isEqualTo(12);
    time.runTo(12);
    assertThat(ran).containsExactly("x");
  }

  @Test
  void theListenerHearsOfEarlierDeadlinesOnly() {
    List<Long> heard = new ArrayList<>();
    queue.onEarlierDeadline(() -> heard.add(queue.nextDeadline()));
    Event late = queue.schedule(100, () -> {});
    queue.schedule(200, () -> {});
    queue.schedule(50, () -> {});
    queue.arm(late, 40);
    queue.arm(late, 60);
    assertThat(heard).containsExactly(100L, 50L, 40L);
  }

  @Test
  void anEventOfAnotherQueueIsRefused() {
    Event foreign = new EventQueue(time).schedule(1, () -> {});
    assertThatThrownBy(() -> queue.cancel(foreign)).isInstanceOf(IllegalArgumentException.class);
  }

  /** The model is a sorted list. */
  @Property
  void anyMixOfArmingMovingAndCancellingRunsInTimeThenArmingOrder(
      @ForAll @Size(max = 200) List<@IntRange(max = 3000) Integer> steps) {
    TestTime clock = new TestTime();
    record Armed(int id, long at, int order) {}
    List<Armed> model = new ArrayList<>();
    List<Integer> actual = new ArrayList<>();
    List<Event> events = new ArrayList<>();
    int order = 0;
    for (int step : steps) {
      int id = step % 40;
      while (events.size() <= id) {
        int newId = events.size();
        events.add(clock.events.create(() -> actual.add(newId)));
      }
      model.removeIf(a -> a.id() == id);
      if (step % 7 == 0) {
        clock.events.cancel(events.get(id));
      } else {
        long at = step / 40;
        clock.events.arm(events.get(id), at);
        model.add(new Armed(id, at, order++));
      }
      long expected = model.stream().mapToLong(Armed::at).min().orElse(Long.MAX_VALUE);
      assertThat(clock.events.nextDeadline()).isEqualTo(expected);
    }
    clock.runTo(10_000);
    model.sort(Comparator.comparingLong(Armed::at).thenComparingInt(Armed::order));
    assertThat(actual).isEqualTo(model.stream().map(Armed::id).toList());
  }
}
