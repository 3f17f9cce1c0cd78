package dev.monoceros.machine.cpu;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs a test on the reference libunicorn and on the oldest supported one. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "libunicorn {0}")
@ValueSource(strings = {"2.1.4", "2.1.1"})
@interface OnBothLibraries {}
