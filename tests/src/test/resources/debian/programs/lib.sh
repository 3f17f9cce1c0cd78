# A check is a name and a command that succeeds; a line of results is the name and the exit status.
check() {
  name=$1
  shift
  "$@"
  echo "$name $?" >> /mnt/results
}

# says FILE LINE...: each line is there as a whole.
says() {
  file=$1
  shift
  for line in "$@"; do
    grep -qxF -- "$line" "$file" || { echo "$file lacks: $line"; return 1; }
  done
}
