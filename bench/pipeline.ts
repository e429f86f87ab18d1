export async function bench(): Promise<never> {
  throw new Error('x');
}
