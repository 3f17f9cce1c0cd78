package dev.monoceros.machine.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DevicePluginsTest {
  private final List<String> attached = new ArrayList<>();

  private DevicePlugin named(String name) {
    return new DevicePlugin() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public void attach(DeviceContext context, DeviceConfig config) {
        attached.add(name + " as " + config.id());
      }
    };
  }

  @Test
  void aDeviceIsMadeByThePluginOfItsName() throws Exception {
    DevicePlugins plugins = DevicePlugins.of(List.of(named("b"), named("a")));
    assertThat(plugins.names()).containsExactly("a", "b");
    plugins.attach("b", null, DeviceConfig.of("x0", Map.of()));
    assertThat(attached).containsExactly("b as x0");
  }

  @Test
  void anUnknownDeviceIsRefusedWithTheKnownOnes() {
    DevicePlugins plugins = DevicePlugins.of(List.of(named("b"), named("a")));
    assertThatThrownBy(() -> plugins.attach("c", null, DeviceConfig.of("x0", Map.of())))
        .isInstanceOf(PluginException.class)
        .hasMessage("there is no device called c; known are a, b");
  }

  @Test
  void twoPluginsOfOneNameAreAMistake() {
    assertThatThrownBy(() -> DevicePlugins.of(List.of(named("a"), named("a"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("are called a");
  }

  @Test
  void optionsAreCheckedAndNamedInMessages() throws Exception {
    DeviceConfig config = DeviceConfig.of("hd0", Map.of("queues", "4", "ro", "on", "bad", "x"));
    assertThat(config.number("queues", 1, 1, 16)).isEqualTo(4);
    assertThat(config.number("absent", 7, 1, 16)).isEqualTo(7);
    assertThat(config.isOn("ro", false)).isTrue();
    assertThat(config.isOn("absent", true)).isTrue();
    assertThat(config.option("bad")).contains("x");
    assertThatThrownBy(() -> config.number("queues", 1, 1, 3))
        .hasMessage("hd0: option queues=4 is not between 1 and 3");
    assertThatThrownBy(() -> config.number("bad", 1, 1, 3))
        .hasMessage("hd0: option bad=x is not a number");
    assertThatThrownBy(() -> config.isOn("bad", false))
        .hasMessage("hd0: option bad=x is neither on nor off");
    assertThatThrownBy(() -> config.requireKnown(Set.of("ro", "queues")))
        .hasMessage("hd0: unknown option bad; known are queues, ro");
  }
}
