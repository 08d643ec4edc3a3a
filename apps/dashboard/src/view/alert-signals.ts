/** A sound and a notification of the browser, each where the viewer asked for it and the browser allows it. */
export interface AlertSignals {
  readonly settings: { readonly sound: boolean; readonly notify: boolean };
  setSound(on: boolean): void;
  /** Asks for permission where there is none yet. Resolves with the reason why it stays off, if it does. */
  setNotify(on: boolean): Promise<string | undefined>;
  send(title: string, body: string, key: string): void;
}

const toneHz = 880;
const toneSeconds = 0.18;
const loudness = 0.12;

export const createAlertSignals = (initial: AlertSignals['settings']): AlertSignals => {
  let settings = initial;
  let audio: AudioContext | undefined;

  /** A browser lets a page sound only once somebody touched it: the first touch makes a saved choice work again. */
  const wake = (): void => {
    if (!settings.sound) return;
    audio ??= new AudioContext();
    if (audio.state === 'suspended') audio.resume().catch(() => {});
  };
  for (const event of ['pointerdown', 'keydown']) addEventListener(event, wake, { passive: true });

  const beep = (): void => {
    if (audio === undefined) return;
    for (const [i, factor] of [1, 1.5].entries()) {
      const startsAt = audio.currentTime + i * toneSeconds;
      const gain = new GainNode(audio, { gain: 0 });
      const tone = new OscillatorNode(audio, { frequency: toneHz * factor });
      gain.gain.setValueAtTime(loudness, startsAt);
      gain.gain.exponentialRampToValueAtTime(0.001, startsAt + toneSeconds);
      tone.connect(gain).connect(audio.destination);
      tone.start(startsAt);
      tone.stop(startsAt + toneSeconds);
    }
  };

  const isAllowed = (): boolean => 'Notification' in globalThis && Notification.permission === 'granted';

  return {
    get settings() {
      return { ...settings, notify: settings.notify && isAllowed() };
    },
    setSound(on) {
      settings = { ...settings, sound: on };
      wake();
      if (on) beep();
    },
    async setNotify(on) {
      settings = { ...settings, notify: on };
      if (!on || isAllowed()) return undefined;
      if (!('Notification' in globalThis)) return 'This browser has no notifications for this page.';
      const answer = Notification.permission === 'denied' ? 'denied' : await Notification.requestPermission();
      if (answer === 'granted') return undefined;
      settings = { ...settings, notify: false };
      return 'The browser does not allow notifications of this page.';
    },
    send(title, body, key) {
      if (settings.sound) beep();
      if (!settings.notify || !isAllowed()) return;
      try {
        const notification = new Notification(title, { body, tag: key, icon: 'touch-icon.png' });
        notification.addEventListener('click', () => {
          focus();
          notification.close();
        });
      } catch {
        // Some phones have notifications of service workers only; the page itself shows the alert.
      }
    },
  };
};
