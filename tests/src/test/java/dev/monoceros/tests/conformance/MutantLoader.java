package dev.monoceros.tests.conformance;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.Map;

/**
 * Loads the modules under test and their tests once more, with some classes replaced; everything
 * else comes from the loader of this class.
 */
final class MutantLoader extends URLClassLoader {
  private static final String VIRTIO = "dev.monoceros.virtio.";
  private static final String MACHINE = "dev.monoceros.machine.";

  private final Map<String, byte[]> replaced;

  MutantLoader(URL[] roots, Map<String, byte[]> replaced) {
    super(roots, MutantLoader.class.getClassLoader());
    this.replaced = replaced;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(VIRTIO) && !name.startsWith(MACHINE)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : findClass(name);
    }
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    byte[] bytes = replaced.get(name);
    return bytes == null ? super.findClass(name) : defineClass(name, bytes, 0, bytes.length);
  }
}
