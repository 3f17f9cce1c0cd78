/**
 * How devices come into a machine: a plug-in per kind of device, found by {@link
 * java.util.ServiceLoader}. Our own virtio-blk comes in this way and uses nothing that others may
 * not.
 *
 * <p>Start at {@link dev.monoceros.machine.plugin.DevicePlugin}.
 */
package dev.monoceros.machine.plugin;
