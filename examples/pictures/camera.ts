/** The visitor's camera, for as long as it is wanted and the page is seen. */

export interface CameraListener {
  started(video: HTMLVideoElement): void;
  /** There is another frame. */
  frame(): void;
  /** The video still has the last frame; `words` say why it stopped, where the visitor did not ask for it. */
  stopped(video: HTMLVideoElement, words: string): void;
}

export interface Camera {
  /** Asks for the camera. Rejects with the reason in words. */
  start(): Promise<void>;
  stop(words?: string): void;
}

const REASONS: Readonly<Record<string, string>> = {
  NotAllowedError: 'The browser was not allowed to use the camera. Allow it for this page, then try again.',
  NotFoundError: 'There is no camera.',
  NotReadableError: 'The camera cannot be read; another program may be using it.',
  OverconstrainedError: 'The camera has no picture of this size.',
};

export function makeCamera(listener: CameraListener): Camera {
  /** The latest start or stop: an answer to an earlier one comes too late. */
  let turn = 0;
  let running: { video: HTMLVideoElement; stream: MediaStream } | null = null;

  const end = (stream: MediaStream): void => stream.getTracks().forEach((track) => track.stop());

  function stop(words = ''): void {
    turn++;
    if (!running) return;
    const { video, stream } = running;
    running = null;
    video.pause();
    listener.stopped(video, words);
    end(stream);
    video.srcObject = null;
  }

  function follow(video: HTMLVideoElement): void {
    const next = (): void => {
      if (running?.video !== video) return;
      listener.frame();
      wait();
    };
    const wait = (): void => {
      if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(next);
      else requestAnimationFrame(next);
    };
    wait();
  }

  async function start(): Promise<void> {
    stop();
    const own = turn;
    const stream = await open();
    const video = document.createElement('video');
    Object.assign(video, { muted: true, playsInline: true, srcObject: stream });
    const [track] = stream.getVideoTracks();
    try {
      if (own === turn) await video.play();
    } catch (cause) {
      end(stream);
      if (own === turn) throw new Error('The camera gives no picture.', { cause });
    }
    if (own !== turn) return end(stream);
    running = { video, stream };
    track?.addEventListener('ended', () => running?.video === video && stop('The camera was taken away.'));
    listener.started(video);
    follow(video);
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) stop('The camera was switched off while the page was not seen.');
  });
  addEventListener('pagehide', () => stop());
  return { start, stop };
}

async function open(): Promise<MediaStream> {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) throw new Error('The browser gives no camera to this page: it takes https or localhost.');
  try {
    return await devices.getUserMedia({
      video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 60 } },
    });
  } catch (cause) {
    const { name, message } = cause as Error;
    throw new Error(REASONS[name] ?? `The camera cannot be opened: ${message}`, { cause });
  }
}
