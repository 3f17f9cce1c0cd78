package dev.monoceros.machine.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultRuleTest {
  private static FaultRule parse(String text) {
    return FaultRule.parse(text, time -> Long.parseLong(time.replace("ns", "")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "read:error",
        "read:error@17",
        "write:torn@5-8",
        "flush:error@2-",
        "read:delay=5000ns@every:10",
        "any:error@p0.01",
        "zero:torn@p1.0",
        "discard:error@p0.0",
        "erase:torn@every:2@3-",
        "write:error@sector:100-199@p0.5"
      })
  void aRuleIsWrittenAsItIsRead(String text) {
    assertThat(parse(text).text()).isEqualTo(text);
    assertThat(parse(parse(text).text())).isEqualTo(parse(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "error|not of the form",
        ":error|'' is no operation",
        "READ:error|'READ' is no operation",
        "read:|'' is no fault",
        "read:delay=0|at most an hour",
        "discard:torn|can be torn",
        "flush:torn|can be torn",
        "read:error@|'' says not when",
        "read:error@x|'x' says not when",
        "read:error@0|counted from 1 on",
        "read:error@every:1-2|says not when",
        "read:error@every:0|says not when",
        "read:error@p2|says not when",
        "read:error@sector:9-8|says not when",
        "read:error@9999999999999999999|says not when"
      })
  void whatIsNoRuleIsRefusedWithASentence(String text, String words) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(words);
  }
}
