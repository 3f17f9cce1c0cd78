/** A typed Java binding of libunicorn over {@code java.lang.foreign}. */
module dev.monoceros.unicorn {
  exports dev.monoceros.unicorn;
}
