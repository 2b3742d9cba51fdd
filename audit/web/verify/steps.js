/**
 * What was checked, in order, so that a reader sees the whole argument and not only its end.
 */

/** @typedef {'genesis' | 'file' | 'transaction' | 'finality' | 'inclusion' | 'signatures' | 'state' | 'absence' | 'complete' | 'together'} StepName */

/**
 * @typedef {object} Step
 * @property {StepName} name
 * @property {number} times how often it was checked
 * @property {boolean} holds
 */

export class Steps {
  constructor() {
    /** @type {Step[]} */
    this.list = [];
  }

  /**
   * Runs a check and writes down what came of it. A step that is taken for many parts is one entry.
   * @template T
   * @param {StepName} name
   * @param {() => T | Promise<T>} check
   * @returns {Promise<T>}
   */
  async run(name, check) {
    let step = this.list.find((one) => one.name === name);
    if (step === undefined) this.list.push((step = { name, times: 0, holds: true }));
    step.times += 1;
    step.holds = false;
    const value = await check();
    step.holds = true;
    return value;
  }
}
