import './without-eval.js';
import type { OperatorView } from '@tickwire/protocol';
import { type AdminApi, ApiError, createAdminApi, readToken, writeToken } from './api.js';
import { byId, createConfirm, setAttribute, setText } from './dom.js';
import { formatCount, formatRate, formatTime, nameGateways, shortId } from './format.js';
import { createTables } from './tables.js';

const pollMs = 2_000;

const view = byId('view');
const alarm = byId('alert');
const said = byId('said');
const form = byId<HTMLFormElement>('sign-in');
const input = byId<HTMLInputElement>('token');
const signOutButton = byId<HTMLButtonElement>('sign-out');
const askFirst = createConfirm();

let api: AdminApi | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let isAsking = false;

const give = async (words: string, order: (given: AdminApi) => Promise<void>): Promise<void> => {
  if (api === undefined) return;
  setText(said, '');
  try {
    await order(api);
    setText(said, `${words}: sent. The result will be among the recent events.`);
    void poll();
  } catch (error) {
    failed(error);
  }
};

const tables = createTables({
  onDrain: ({ id, name, connections }) =>
    askFirst(
      {
        title: `Drain ${name}?`,
        text: `Its ${formatCount(connections)} clients are sent to other gateways. It accepts no new ones until it is restarted.`,
        yes: `Drain ${name}`,
      },
      () => void give(`Draining ${name}`, (given) => given.order(id, 'drain')),
    ),
  onDisconnect: ({ id, name }, session) =>
    void give(`Disconnecting ${shortId(session)} of ${name}`, (given) => given.order(id, 'disconnect', session)),
});
view.append(...tables.elements);

const signOut = (): void => {
  clearTimeout(timer);
  api = undefined;
  writeToken(undefined);
  view.hidden = true;
  signOutButton.hidden = true;
  form.hidden = false;
  setText(said, '');
  setText(byId('summary'), '');
  input.focus();
};

const failed = (error: unknown): void => {
  if (!(error instanceof ApiError)) throw error;
  if (error.code === 'refused') signOut();
  else setAttribute(view, 'data-old', 'true');
  setText(alarm, error.message);
};

const show = (status: OperatorView): void => {
  setText(alarm, '');
  setAttribute(view, 'data-old', undefined);
  const gateways = nameGateways(status.gateways);
  const { producers } = status;
  tables.show({ ...status, gateways });
  const ready = gateways.filter(({ reasons }) => reasons.length === 0).length;
  const connections = gateways.reduce((sum, gateway) => sum + gateway.connections, 0);
  const rates = gateways.flatMap(({ deliveriesPerSecond }) => deliveriesPerSecond ?? []);
  const rate = rates.length === 0 ? null : rates.reduce((sum, each) => sum + each, 0);
  const leader = producers.find(({ isLeading, isVerified }) => isLeading && isVerified)?.owner;
  setText(
    byId('summary'),
    [
      `${ready} of ${gateways.length} gateways ready`,
      `${formatCount(connections)} connections`,
      `${formatRate(rate)} deliveries/s`,
      leader === undefined ? 'no verified leader' : `led by ${leader}`,
      `as of ${formatTime(status.at, status.at)}`,
    ].join(' · '),
  );
  form.hidden = true;
  view.hidden = false;
  signOutButton.hidden = false;
};

/** Asks every two seconds while the tab is visible. */
const poll = async (): Promise<void> => {
  clearTimeout(timer);
  if (api === undefined || isAsking || document.visibilityState === 'hidden') return;
  const asked = api;
  isAsking = true;
  try {
    const status = await asked.view();
    if (api === asked) show(status);
  } catch (error) {
    if (api === asked) failed(error);
  } finally {
    isAsking = false;
    timer = setTimeout(() => void poll(), api === asked ? pollMs : 0);
  }
};

const signIn = (token: string): void => {
  api = createAdminApi(token);
  writeToken(token);
  void poll();
};

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const token = input.value;
  input.value = '';
  setText(alarm, '');
  signIn(token);
});
signOutButton.addEventListener('click', () => {
  setText(alarm, '');
  signOut();
});
document.addEventListener('visibilitychange', () => void poll());

const kept = readToken();
if (kept === undefined) signOut();
else signIn(kept);
