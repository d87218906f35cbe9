import { notify, notifyFailure } from '../shell/notices.ts'

/** Copies a text; `what` says for people what it is. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  return (
    <button
      type="button"
      className="sample-small"
      aria-label={`Copy ${what}`}
      title={`Copy ${what}`}
      onClick={() => void copyText(text, what)}
    >
      Copy
    </button>
  )
}

/** Browsers give the clipboard only to pages over HTTPS or from this machine. */
async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    notify(`Copied ${what}.`)
  } catch {
    notifyFailure({
      code: 'CLIPBOARD',
      message: 'The browser does not let this page copy.',
      hint: `Open the page over HTTPS or on this machine, or copy by hand: ${text}`,
    })
  }
}
