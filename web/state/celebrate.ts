// A short sound and a short vibration: money has come.

const NOTES_HZ = [659.3, 987.8]
const NOTE_S = 0.14

export function celebrate(): void {
  if (!matchMedia('(prefers-reduced-motion: reduce)').matches && 'vibrate' in navigator) {
    navigator.vibrate([40, 60, 80])
  }
  play()
}

/** Silent where the browser wants to be touched first. */
function play(): void {
  const context = new AudioContext()
  if (context.state !== 'running') {
    void context.close()
    return
  }
  NOTES_HZ.forEach((frequency, index) => {
    const start = context.currentTime + index * NOTE_S
    const tone = new OscillatorNode(context, { frequency })
    const gain = new GainNode(context, { gain: 0 })
    gain.gain.linearRampToValueAtTime(0.15, start + 0.02)
    gain.gain.setTargetAtTime(0, start + 0.05, 0.08)
    tone.connect(gain).connect(context.destination)
    tone.start(start)
    tone.stop(start + 0.6)
  })
  setTimeout(() => void context.close(), 1_500)
}
