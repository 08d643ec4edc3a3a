/**
 * npm passes SIGTERM to the shell between npm and this process, and that shell ends without passing it on: the program
 * would keep running after `npm start` ends. A new parent process shows that this happened, from the set-up on: once the
 * parent is gone there is nothing to notice. A program that already has a signal, such as Ctrl-C, does not get another:
 * a second signal ends it without its goodbyes.
 */
export const endWithParent = () => {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, 200);
  timer.unref();
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      clearInterval(timer);
      // Before the program listens for signals, a signal must end it as if we did not listen either.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  }
};
