#!/bin/bash
# Makes the signed package repository that the cache's tests fetch from (src/test/resources/repo). Its private key is thrown
# away afterwards; run it again only to change the packages. Needs dpkg-deb and gpg.
set -euo pipefail
out=$(realpath "$(dirname "$0")/../resources")/repo
work=$(mktemp -d)
trap 'gpgconf --homedir "$work/gpg" --kill all; rm -rf "$work"' EXIT
rm -rf "$out"
mkdir -p "$out" "$work/gpg"
chmod 700 "$work/gpg"
export SOURCE_DATE_EPOCH=1640995200
pgp=(gpg --homedir "$work/gpg" --batch --quiet --pinentry-mode loopback --passphrase '' --faked-system-time 20220101T000000)
for who in fixture stranger; do
  "${pgp[@]}" --quick-generate-key "Monoceros $who (tests only)" ed25519 sign never
  "${pgp[@]}" --export "Monoceros $who" > "$out/$who.gpg"
done

# deb VERSION-OF-REPO NAME VERSION DEPENDS COMPRESSION
deb() {
  local root=$work/$2-$3
  mkdir -p "$root/DEBIAN" "$root/usr/share/$2" "$out/$1/pool"
  printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: Tests <tests@localhost>\nDescription: test package\n%s' \
    "$2" "$3" "${4:+Depends: $4
}" > "$root/DEBIAN/control"
  echo "$2 $3" > "$root/usr/share/$2/text"
  find "$root" -exec touch -d @$SOURCE_DATE_EPOCH {} +
  dpkg-deb --root-owner-group -Z"$5" --build "$root" "$out/$1/pool" > /dev/null
}

# release VERSION-OF-REPO DATE
release() {
  cd "$out/$1"
  for arch in amd64 arm64; do
    dir=dists/bookworm/main/binary-$arch
    mkdir -p "$dir"
    for file in pool/*.deb; do
      dpkg-deb --field "$file"
      printf 'Filename: %s\nSize: %s\nSHA256: %s\n\n' "$file" "$(stat -c %s "$file")" "$(sha256sum < "$file" | cut -c1-64)"
    done > "$dir/Packages"
  done
  {
    printf 'Origin: Monoceros tests\nSuite: bookworm\nCodename: bookworm\nDate: %s\nArchitectures: amd64 arm64\nComponents: main\nSHA256:\n' "$2"
    (cd dists/bookworm && for file in main/binary-*/Packages; do
      printf ' %s %s %s\n' "$(sha256sum < "$file" | cut -c1-64)" "$(stat -c %s "$file")" "$file"
    done)
  } > "$work/Release"
  "${pgp[@]}" --local-user "Monoceros fixture" --clearsign --output dists/bookworm/InRelease "$work/Release"
  cd - > /dev/null
}

deb v1 fixture-tool 1:1.0-1 "fixture-lib (>= 1.0)" xz
deb v1 fixture-lib 1.0-1 "" gzip
release v1 'Sat, 01 Jan 2022 00:00:00 UTC'
deb v2 fixture-tool 1:1.0-1 "fixture-lib (>= 1.0)" xz
deb v2 fixture-lib 1.1-1 "" gzip
release v2 'Sat, 08 Jan 2022 00:00:00 UTC'
