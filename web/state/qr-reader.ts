// Reads QR codes from camera frames and picture files. The decoder is loaded when it is first needed.

/** Wider pictures are made smaller: more pixels cost time and find no more codes. */
const WIDTH_MAX = 1_280

type Decode = (image: { width: number; height: number; data: Uint8ClampedArray }) => string

/** @returns a function that reads the code on a picture, undefined where it sees none. */
export async function openReader(): Promise<
  (source: CanvasImageSource, width: number, height: number) => string | undefined
> {
  const { default: decode } = (await import('qr/decode.js')) as { default: Decode }
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return (source, width, height) => {
    if (context === null || width === 0 || height === 0) return undefined
    const scale = Math.min(1, WIDTH_MAX / Math.max(width, height))
    canvas.width = Math.round(width * scale)
    canvas.height = Math.round(height * scale)
    context.drawImage(source, 0, 0, canvas.width, canvas.height)
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
    try {
      return decode({ width: canvas.width, height: canvas.height, data })
    } catch {
      // The decoder's way of saying that there is no code on this picture.
      return undefined
    }
  }
}

/** The text of the QR code on a photo or screenshot. */
export async function readPicture(file: Blob): Promise<string | undefined> {
  const bitmap = await createImageBitmap(file).catch(() => undefined)
  if (bitmap === undefined) return undefined
  try {
    const read = await openReader()
    return read(bitmap, bitmap.width, bitmap.height)
  } finally {
    bitmap.close()
  }
}
