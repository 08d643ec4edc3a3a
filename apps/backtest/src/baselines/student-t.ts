const steps = 400;

/** By angle, the integral of cos^(degrees - 1): the distribution of Student's t with t = sqrt(degrees) tan(angle). */
const integrate = (degrees: number, visit: (angle: number, sum: number) => boolean): void => {
  const width = Math.PI / 2 / steps;
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    sum += width * Math.cos((i + 0.5) * width) ** (degrees - 1);
    if (!visit((i + 1) * width, sum)) return;
  }
};

const halfMass = (degrees: number): number => {
  let mass = 0;
  integrate(degrees, (_, sum) => {
    mass = sum;
    return true;
  });
  return mass;
};

/** Logarithm of the density of Student's t at its centre, scaled to a variance of 1. Degrees above 2. */
export const logPeak = (degrees: number): number => -Math.log(2 * halfMass(degrees) * Math.sqrt(degrees - 2));

/** Half width of the central interval with this share of Student's t, scaled to a variance of 1. Degrees above 2. */
export const centralHalfWidth = (degrees: number, share: number): number => {
  const aim = share * halfMass(degrees);
  let before = { angle: 0, sum: 0 };
  let found = 0;
  integrate(degrees, (angle, sum) => {
    if (sum < aim) {
      before = { angle, sum };
      return true;
    }
    found = before.angle + ((aim - before.sum) / (sum - before.sum)) * (angle - before.angle);
    return false;
  });
  return Math.sqrt(degrees - 2) * Math.tan(found);
};
