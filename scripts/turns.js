// Programs that run side by side speak one after the other: the one that came first at once, the next one when it has
// ended.

/** Returns what each new speaker is made with: `say(text)` takes text or bytes, `end()` lets the next one speak. */
export function newTurns(write) {
  const queue = []

  function endTurn() {
    while (queue[0]?.isOver) {
      queue.shift()
      queue[0]?.kept.splice(0).forEach(write)
    }
  }

  return () => {
    const speaker = {
      kept: [],
      isOver: false,
      say: (text) => (queue[0] === speaker ? write(text) : speaker.kept.push(text)),
      end: () => {
        speaker.isOver = true
        endTurn()
      },
    }
    queue.push(speaker)
    return speaker
  }
}
