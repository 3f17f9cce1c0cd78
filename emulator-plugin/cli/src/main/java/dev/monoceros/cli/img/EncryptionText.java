package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.Json;
import dev.monoceros.qcow.ImageInfo;
import dev.monoceros.qcow.LuksInfo;

/** What {@code info} says of the encryption of a qcow2 image. */
final class EncryptionText {
  private EncryptionText() {}

  static Json json(ImageInfo.Encryption encryption) {
    Json.Members object = Json.members().put("format", encryption.luks() ? "luks" : "aes");
    encryption.header().ifPresent(luks -> add(object, luks));
    return object;
  }

  private static void add(Json.Members object, LuksInfo luks) {
    object
        .put("ivgen-alg", luks.ivgen())
        .put("hash-alg", luks.hash())
        .put("cipher-alg", luks.cipher())
        .put("uuid", luks.uuid())
        .put("cipher-mode", luks.mode())
        .put("slots", Json.items(luks.slots().stream().map(EncryptionText::json).toList()))
        .put("payload-offset", luks.payloadOffset())
        .put("master-key-iters", luks.masterKeyIterations());
    luks.ivgenHash().ifPresent(hash -> object.put("ivgen-hash-alg", hash));
  }

  private static Json json(LuksInfo.Slot slot) {
    Json.Members object =
        Json.members().put("active", slot.active()).put("key-offset", slot.keyOffset());
    if (slot.active()) {
      object.put("iters", slot.iterations()).put("stripes", slot.stripes());
    }
    return object;
  }
}
