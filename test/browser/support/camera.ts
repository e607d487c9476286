// A film for Chromium's fake camera: one picture, as if held in front of it.

import type { Page } from 'playwright-core'

const WIDTH = 640
const HEIGHT = 640
const FRAMES = 2
const WHITE = 235
const GREY = 128

/**
 * @param page any page, to decode the picture with.
 * @param picture a PNG; it is shown in the middle of a white frame.
 * @returns a YUV4MPEG2 file.
 */
export async function cameraFilm(page: Page, picture: Buffer): Promise<Uint8Array> {
  const luma = await page.evaluate(
    async ([base64, width, height]) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
      const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
      const canvas = new OffscreenCanvas(width, height)
      const context = canvas.getContext('2d')
      if (context === null) throw new Error('no canvas')
      context.fillStyle = 'white'
      context.fillRect(0, 0, width, height)
      const scale = Math.min((width * 0.9) / image.width, (height * 0.9) / image.height)
      const [w, h] = [image.width * scale, image.height * scale]
      context.drawImage(image, (width - w) / 2, (height - h) / 2, w, h)
      const { data } = context.getImageData(0, 0, width, height)
      return Array.from({ length: width * height }, (_, i) =>
        Math.round(16 + ((data[4 * i] ?? 0) * 219) / 255),
      )
    },
    [picture.toString('base64'), WIDTH, HEIGHT] as const,
  )
  const chroma = new Uint8Array((WIDTH * HEIGHT) / 2).fill(GREY)
  const frame = Buffer.concat([
    Buffer.from('FRAME\n'),
    Uint8Array.from(luma.map((y) => Math.min(y, WHITE))),
    chroma,
  ])
  const header = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`)
  return Buffer.concat([header, ...Array.from({ length: FRAMES }, () => frame)])
}
