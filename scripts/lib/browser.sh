# shellcheck shell=bash
# What drives a browser, for the scripts beside this folder. Sourced, not run.

# browser_python: the path of a Python that has Tests/Browser/requirements.txt, in a virtual environment outside the
# repository; chromium is installed where it is missing.
browser_python() {
  local requirements=Tests/Browser/requirements.txt
  local tools=${EMC_TOOLS_DIRECTORY:-${XDG_CACHE_HOME:-$HOME/.cache}/emc/tools}
  local environment
  environment=$tools/browser-$(sha256sum "$requirements" | cut -c 1-12)
  if [[ -z ${CHROMIUM-} ]] && ! command -v chromium > /dev/null; then
    local as_root=()
    ((EUID == 0)) || as_root=(sudo)
    printf 'installing chromium …\n' >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 install --yes --no-install-recommends \
      chromium fonts-dejavu-core fonts-liberation > /dev/null < /dev/null || {
      printf 'chromium is missing and could not be installed: apt-get install chromium, or name one with CHROMIUM\n' >&2
      return 1
    }
  fi
  if [[ ! -e $environment/complete ]]; then
    mkdir -p "$tools"
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" >&2 || {
      printf 'pip could not install %s: is a Python package index reachable?\n' "$requirements" >&2
      return 1
    }
    touch "$environment/complete"
  fi
  printf '%s\n' "$environment/bin/python"
}
