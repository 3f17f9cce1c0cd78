/**
 * Images by QEMU's file names: plain paths, {@code json:{...}} and {@code --image-opts}, with the
 * drivers that can stand between an image and its file.
 */
package dev.monoceros.qcow.graph;
