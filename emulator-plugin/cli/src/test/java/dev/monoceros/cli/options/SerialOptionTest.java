package dev.monoceros.cli.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.cli.console.SerialTarget;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SerialOptionTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "none",
        "file:out",
        "file:a,,b:c,input=in,,1",
        "unix:/run/x",
        "unix:x,server=on",
        "tcp:localhost:4000",
        "tcp:[::1]:65535,server=on"
      })
  void whatIsUnderstoodIsSaidInTheSameWords(String text) {
    assertThat(SerialOption.parse(text).text()).isEqualTo(text);
  }

  @Test
  void aServerMayBeSpelledAsQemuDoes() {
    assertThat(SerialOption.parse("unix:x,server"))
        .isEqualTo(SerialOption.parse("unix:x,server=on"));
    assertThat(SerialOption.parse("unix:x,server=off")).isEqualTo(SerialOption.parse("unix:x"));
    assertThat(((SerialTarget.Socket) SerialOption.parse("tcp:a:1")).server()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "stdio | 'stdio' is no serial line: ",
        "file: | 'file:' names no file",
        "file:x,input= | 'input=' names no file",
        "file:x,append=on | 'append=on' is no setting here: ",
        "unix:x,wait=off | 'wait=off' is no setting here: ",
        "tcp:1234 | '1234' is not HOST:PORT",
        "tcp:host:0 | the port 0 is not between 1 and 65535",
        "tcp:host:70000 | the port 70000 is not between 1 and 65535",
        "tcp:a:b:1 | 'a:b:1' is not HOST:PORT"
      })
  void mistakesAreNamed(String text, String message) {
    assertThatThrownBy(() -> SerialOption.parse(text))
        .isInstanceOf(OptionException.class)
        .hasMessageStartingWith(message);
  }
}
