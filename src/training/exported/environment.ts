const passedOn =
  /^(PATH|HOME|USER|LANG|LC_[A-Z]+|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|COMSPEC|PATHEXT|USERPROFILE|VIRTUAL_ENV|CONDA_PREFIX|CONDA_DEFAULT_ENV|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|XDG_CACHE_HOME|(CUDA|NVIDIA|ROCR|HIP|OMP|MKL|OPENBLAS|PYTHON|PYTORCH|TORCH|HF)_?[A-Z0-9_]*)$/i
const secret = /TOKEN|SECRET|PASSW|KEY|CREDENTIAL/i

/** What a foreign program may see of fovea's own environment: where programs, libraries and devices are, and nothing that could be a secret. */
export function limitEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && passedOn.test(entry[0]) && !secret.test(entry[0]),
    ),
  )
}
