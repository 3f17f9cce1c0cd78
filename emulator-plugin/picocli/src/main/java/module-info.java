/** Picocli as it is, compiled for this JDK: see the POM. */
module info.picocli {
  exports picocli;
}
