/**
 * What every virtio device has, whatever it does and whatever bus it sits on (virtio 1.2, 2.1 to
 * 2.6 and 3.1): status, features, configuration generation, queues. A device implements {@link
 * dev.monoceros.virtio.device.VirtioDevice}; a transport drives {@link
 * dev.monoceros.virtio.device.DeviceLifecycle}.
 */
package dev.monoceros.virtio.device;
