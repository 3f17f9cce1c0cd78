# Writes a file or a directory as a tar archive; the name of its only top entry does not matter. Ends with 1 if there is none.
path=$(readlink -f -- "$1") && [ -e "$path" ] || exit 1
cd -- "$(dirname -- "$path")" || exit 1
name=.
if [ "$path" != / ]; then name=$(basename -- "$path"); fi
tar -c -f - -- "$name" || exit 2
