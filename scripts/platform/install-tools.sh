#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
#
# Install Terraform, OpenTofu or kubectl in /usr/local/bin, for machines that come without, such as CodeBuild's.
#
#   install-tools.sh terraform kubectl
#
# Versions are pinned, TERRAFORM_VERSION and TOFU_VERSION may name others; what is downloaded is checked against the
# publisher's own checksums. DESTINATION is another folder to install in.
source "$(dirname "$0")/lib.sh"

TERRAFORM_VERSION=${TERRAFORM_VERSION:-1.11.4}
TOFU_VERSION=${TOFU_VERSION:-1.9.1}
KUBECTL_VERSION=1.33.1
DESTINATION=${DESTINATION:-/usr/local/bin}

need curl "your distribution has it as curl"
need sha256sum "your distribution has it in coreutils"

case $(uname -m) in
    x86_64) architecture=amd64 ;;
    aarch64 | arm64) architecture=arm64 ;;
    *) die "no build of these tools for $(uname -m)" ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() { curl --fail --silent --show-error --location --retry 3 --output "$2" "$1" || die "could not fetch $1"; }

# zipped TOOL VERSION ADDRESS: TOOL out of the archive that the address holds beside its checksums.
zipped() {
    local tool=$1 version=$2 base=$3 archive=$1_$2_linux_$architecture.zip
    need unzip "your distribution has it as unzip"
    fetch "$base/$archive" "$work/$archive"
    fetch "$base/${tool}_${version}_SHA256SUMS" "$work/sums"
    (cd "$work" && grep " $archive\$" sums | sha256sum --check --quiet) || die "$archive does not match its checksum"
    unzip -q -o "$work/$archive" "$tool" -d "$work"
    install -m 755 "$work/$tool" "$DESTINATION/$tool"
}

install_terraform() { zipped terraform "$TERRAFORM_VERSION" "${TERRAFORM_RELEASES:-https://releases.hashicorp.com/terraform}/$TERRAFORM_VERSION"; }

install_tofu() { zipped tofu "$TOFU_VERSION" "https://github.com/opentofu/opentofu/releases/download/v$TOFU_VERSION"; }

install_kubectl() {
    local base=https://dl.k8s.io/release/v$KUBECTL_VERSION/bin/linux/$architecture
    fetch "$base/kubectl" "$work/kubectl"
    fetch "$base/kubectl.sha256" "$work/kubectl.sha256"
    (cd "$work" && printf '%s  kubectl\n' "$(cat kubectl.sha256)" | sha256sum --check --quiet) || die "kubectl does not match its checksum"
    install -m 755 "$work/kubectl" "$DESTINATION/kubectl"
}

[ $# -gt 0 ] || die "name what to install: terraform, tofu, kubectl"
[ -d "$DESTINATION" ] && [ -w "$DESTINATION" ] || die "$DESTINATION is no folder you may write to; name one by DESTINATION, or run this as root"
for tool in "$@"; do
    case $tool in
        terraform | tofu | kubectl) ;;
        *) die "knows terraform, tofu and kubectl, not $tool" ;;
    esac
done
for tool in "$@"; do
    if command -v "$tool" >/dev/null 2>&1; then
        say "$tool is there already"
    else
        "install_$tool"
        say "installed $tool in $DESTINATION"
    fi
done
