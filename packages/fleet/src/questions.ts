import type { Clock } from '@tickwire/protocol';

/** Open questions, and the members that still owe an answer. */
export interface Questions {
  /** Resolves with the answers of all these members, or with those that arrived within the deadline. */
  open(id: string, asked: Iterable<string>): Promise<readonly string[]>;
  /** Accepts the first answer of each member asked; ignores late ones. */
  answered(id: string, from: string, body: string): void;
  /** Stops waiting for a member that is gone. */
  gone(from: string): void;
  /** Ends a question, or all of them. */
  end(id?: string): void;
}

interface Question {
  readonly owing: Set<string>;
  readonly answers: string[];
  finish(): void;
}

export const createQuestions = (deadlineMs: number, clock: Pick<Clock, 'after'>): Questions => {
  const questions = new Map<string, Question>();

  return {
    open: (id, asked) =>
      new Promise((resolve) => {
        const answers: string[] = [];
        const finish = (): void => {
          cancel();
          questions.delete(id);
          resolve(answers);
        };
        const cancel = clock.after(deadlineMs, finish);
        questions.set(id, { owing: new Set(asked), answers, finish });
      }),
    answered(id, from, body) {
      const question = questions.get(id);
      if (question?.owing.delete(from) !== true) return;
      question.answers.push(body);
      if (question.owing.size === 0) question.finish();
    },
    gone(from) {
      for (const { owing, finish } of questions.values()) if (owing.delete(from) && owing.size === 0) finish();
    },
    end(id) {
      if (id !== undefined) questions.get(id)?.finish();
      else for (const question of questions.values()) question.finish();
    },
  };
};
