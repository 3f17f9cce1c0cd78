/**
 * Write-back caches of fixed-size tables, least recently used first out. A cache knows what must be
 * on disk before its dirty tables may be: its {@link dev.monoceros.qcow.cache.Prerequisite}.
 */
package dev.monoceros.qcow.cache;
