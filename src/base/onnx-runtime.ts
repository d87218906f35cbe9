/**
 * ONNX Runtime's published builds report to their maker which networks run (names, hashes, the machine) and keep a file of it below the
 * user's home, unless this variable says not to. Set beforehand to something else, it stays. Only the main thread's environment reaches
 * native code, so it is also called before a thread is started.
 */
export function silenceOnnxRuntime(): void {
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1'
}

/** ONNX Runtime, loaded when it is first needed, and told to keep to itself. */
export async function loadOnnxRuntime(): Promise<typeof import('onnxruntime-node')> {
  silenceOnnxRuntime()
  return import('onnxruntime-node')
}
