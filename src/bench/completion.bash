# SPDX-License-Identifier: MIT
# Completes the command line of daedalus-bench in bash: options as --help lists them, otherwise files.
_daedalus_bench() {
  local options
  COMPREPLY=()
  case $3 in
    --model) COMPREPLY=(v3d) ;;
    --decoder | --device | --frames | --repeat | --streams | --threads) compopt +o default ;;
    *)
      [[ $2 == -* ]] || return
      options=$("$1" --help 2>/dev/null | grep -oE -- '^  --[a-z]+')
      mapfile -t COMPREPLY < <(compgen -W "$options" -- "$2")
      ;;
  esac
}
complete -o default -F _daedalus_bench daedalus-bench
