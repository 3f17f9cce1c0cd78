# Read by busybox inside the new root; the command's words, environment and directory stand before.
# Its applets must not stand in for programs that the directory lacks, so the program is looked for here.
exec 9<&-
unset SHLVL OLDPWD
__search() {
  IFS=:
  for __dir in $PATH; do
    if [ -f "${__dir:-.}/$1" ]; then
      if [ -x "${__dir:-.}/$1" ]; then
        __file=${__dir:-.}/$1
        return
      fi
      __seen=${__dir:-.}/$1
    fi
  done
}
__file= __seen=
case $1 in
  */*)
    if [ -d "$1" ]; then
      echo "monoceros: $1: is a directory" >&2
      exit 126
    elif [ -x "$1" ]; then
      __file=$1
    elif [ -e "$1" ]; then
      __seen=$1
    fi ;;
  '') ;;
  *) __search "$1" ;;
esac
unset IFS
if [ -z "$__file" ]; then
  if [ -n "$__seen" ]; then
    echo "monoceros: $__seen: permission denied" >&2
    exit 126
  fi
  echo "monoceros: $1: not found in the guest" >&2
  exit 127
fi
__name=$1
shift
exec -a "$__name" "$__file" "$@"
