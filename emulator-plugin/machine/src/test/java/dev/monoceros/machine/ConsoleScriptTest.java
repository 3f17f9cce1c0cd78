package dev.monoceros.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.machine.chipset.ConsoleSource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsoleScriptTest {
  private final StringBuilder shown = new StringBuilder();
  private final List<String> events = new ArrayList<>();
  private final List<Long> deadlines = new ArrayList<>();
  private long now;
  private ScriptedConsole console;

  private static ConsoleScript parse(String text) throws Exception {
    return ConsoleScript.parse(text, Long::parseLong);
  }

  private void play(String script) throws Exception {
    console =
        new ScriptedConsole(
            parse(script),
            b -> shown.append((char) b),
            () -> '!',
            () -> now,
            new ScriptedConsole.Actions() {
              @Override
              public void deadlineChanged() {
                deadlines.add(console == null ? null : console.deadline());
              }

              @Override
              public void pressPowerButton() {
                events.add("power button at " + now);
              }

              @Override
              public void injectNmi() {
                events.add("NMI at " + now);
              }

              @Override
              public void resize(ConsoleScript.Resize step) {
                events.add("%s to %d bytes at %d".formatted(step.disk(), step.bytes(), now));
              }

              @Override
              public void abort(ConsoleScript.Abort reason) {
                events.add("abort of line " + reason.line());
              }
            });
    console.start();
  }

  private void guest(String text) {
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      console.write(b & 0xff);
    }
  }

  private String typed() {
    StringBuilder text = new StringBuilder();
    while (true) {
      int b = console.next();
      if (b < 0 || b == '!') {
        return text.toString();
      }
      text.append((char) b);
    }
  }

  @Test
  void aDialogueTypesOnlyAfterWhatItWaitsFor() throws Exception {
    play("expect login:\nsend root\nexpect # $\nsend poweroff\n");
    assertThat(console.next()).isEqualTo(ConsoleSource.NONE_NOW);
    guest("Debian 12 ttyS0\r\n\r\ndebian logi");
    assertThat(console.next()).isEqualTo(ConsoleSource.NONE_NOW);
    guest("n:");
    assertThat(typed()).isEqualTo("root\r");
    guest(" root\r\nroot@debian:~# ");
    assertThat(typed()).isEqualTo("poweroff\r");
    assertThat(console.waiting()).isEmpty();
    assertThat(shown).contains("login: root");
  }

  @Test
  void whatOneWaitHasFoundIsNotFoundAgain() throws Exception {
    play("expect ok\nexpect ok\nsend x\n");
    guest("ok ");
    assertThat(typed()).isEmpty();
    guest("ok");
    assertThat(typed()).isEqualTo("x\r");
  }

  @Test
  void aDiskIsResizedWhenItIsTheTurnOfThat() throws Exception {
    play("expect one\nresize vda 2G\nresize vdb 1024\n");
    assertThat(events).isEmpty();
    now = 7;
    guest("one");
    assertThat(events).containsExactly("vda to 2147483648 bytes at 7", "vdb to 1024 bytes at 7");
  }

  @Test
  void twoWaitsMayBeMetByOneLine() throws Exception {
    play("expect one\nexpect two\nsend x\n");
    guest("one two\n");
    assertThat(typed()).isEqualTo("x\r");
  }

  @Test
  void coloursAndBracketedPasteAreNoText() throws Exception {
    play("expect ^running$\nsend a\nexpect ^root@debian:~# $\nsend b\n");
    guest("\u001b[?2004l\rrunn");
    guest("\u001b[0;1;39ming\u001b[0m");
    assertThat(typed()).isEqualTo("a\r");
    guest("\r\n\u001b[?2004hroot@debian:~# ");
    assertThat(typed()).isEqualTo("b\r");
  }

  @Test
  void messagesToTheTerminalAreNoText() throws Exception {
    play("expect ^running$\nsend a\nexpect ^[$]\nsend b\nexpect root\nsend c\n");
    guest("\u001b]3008;start=1;user=root;type=command\u001b\\run");
    guest("ning");
    assertThat(typed()).isEqualTo("a\r");
    guest("\r\n\u001b]3008;end=1;user=root;exit=success\u001b");
    assertThat(typed()).isEmpty();
    guest("\\\u001b]0;root@debian: ~\u0007\u001b[?2004h$ ");
    assertThat(typed()).isEqualTo("b\r");
    guest("root");
    assertThat(typed()).isEqualTo("c\r");
  }

  @Test
  void aWaitDoesNotLookAcrossLines() throws Exception {
    play("expect a.b\nsend x\n");
    guest("a\nb\n");
    assertThat(typed()).isEmpty();
  }

  @Test
  void afterTheScriptTheSourceBehindIsAsked() throws Exception {
    play("send a\n");
    assertThat(console.next()).isEqualTo('a');
    assertThat(console.next()).isEqualTo('\r');
    assertThat(console.next()).isEqualTo('!');
  }

  @Test
  void eachWaitHasItsOwnTime() throws Exception {
    now = 1000;
    play("expect a\ntimeout 50\nexpect b\nexpect c\n");
    assertThat(console.deadline()).as("no limit yet").isEqualTo(Long.MAX_VALUE);
    now = 2000;
    guest("a\n");
    assertThat(console.deadline()).isEqualTo(2050);
    now = 2040;
    guest("b\n");
    assertThat(console.deadline()).isEqualTo(2090);
    assertThat(console.waiting().orElseThrow().line()).isEqualTo(4);
    guest("c\n");
    assertThat(console.deadline()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aBreakComesInTheOrderOfWhatIsTyped() throws Exception {
    play("send a\\c\nbreak\nsend h\\c\n");
    assertThat(console.next()).isEqualTo('a');
    assertThat(console.next()).isEqualTo(ConsoleSource.BREAK);
    assertThat(console.next()).isEqualTo('h');
  }

  @Test
  void buttonsArePressedWhenTheWaitBeforeThemIsOver() throws Exception {
    play("expect ready\npower-button\nnmi\n");
    now = 7;
    assertThat(events).isEmpty();
    guest("ready");
    assertThat(events).containsExactly("power button at 7", "NMI at 7");
  }

  @Test
  void anUnwantedLineAbortsFromItsCommandOnAlsoWhenNothingIsWaitedForAnyMore() throws Exception {
    play("expect one\nabort pan.c\nexpect two\n");
    guest("panic\none\ntwo\n");
    assertThat(console.waiting()).isEmpty();
    assertThat(events).isEmpty();
    guest("a kernel panic");
    assertThat(events).containsExactly("abort of line 2");
  }

  @Test
  void escapesEmptyLinesAndComments() throws Exception {
    ConsoleScript script = parse("# words\n\n  send a\\n\\x03\\\\\\e \\c\nsend\n");
    assertThat(script.steps()).hasSize(2);
    assertThat(((ConsoleScript.Send) script.steps().getFirst()).bytes())
        .isEqualTo(new byte[] {'a', '\n', 3, '\\', 0x1b, ' '});
    assertThat(((ConsoleScript.Send) script.steps().getLast()).bytes())
        .isEqualTo(new byte[] {'\r'});
    assertThat(script.steps().getLast().line()).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "wait x      | line 1: 'wait' is no command: there are expect, send, timeout, abort, break, power-button, nmi and resize",
        "abort       | line 1: abort needs a regular expression",
        "break now   | line 1: break takes nothing behind it",
        "resize vda  | line 1: resize takes a disk and its new size: resize vda 2G",
        "resize 2G vda | line 1: resize takes a disk and its new size: resize vda 2G",
        "resize vda 1000 | line 1: a disk's size is a positive multiple of 512 bytes",
        "resize vda 0G | line 1: a disk's size is a positive multiple of 512 bytes",
        "resize vda 9999999999T | line 1: 'vda 9999999999T': the size is too large",
        "expect (    | line 1: '(' is no regular expression: Unclosed group",
        "expect      | line 1: expect needs a regular expression",
        "send \\q    | line 1: '\\q' means nothing in send",
        "send a\\    | line 1: '\\' means nothing in send"
      })
  void mistakesAreNamedWithTheirLine(String script, String message) {
    assertThatThrownBy(() -> parse(script)).hasMessage(message);
  }
}
