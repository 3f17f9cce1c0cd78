#!/bin/sh
# First process of the namespaces that a system is installed in; its arguments are the command. When it ends, so does all else there.
# In a user namespace with a single user the kernel refuses to give files away and to make device nodes. There fakeroot
# remembers what was asked for and answers accordingly; MONOCEROS_FAKED starts its daemon, MONOCEROS_LIBFAKEROOT is its library.
set -eu
umask 022
if [ -n "${MONOCEROS_FAKED:-}" ]; then
  key=$(eval "$MONOCEROS_FAKED")
  # Inside the system the library lies in the second directory.
  export FAKEROOTKEY="${key%%:*}" FAKEROOTDONTTRYCHOWN=1 LD_PRELOAD="${MONOCEROS_LIBFAKEROOT##*/}" \
    LD_LIBRARY_PATH="${MONOCEROS_LIBFAKEROOT%/*}:/usr/lib/monoceros-fakeroot"
fi
"$@"
