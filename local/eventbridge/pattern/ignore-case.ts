/** Per UTF-16 unit of a pattern what may stand in its place: its lower-case and its upper-case form (of any length: ß and SS). */
export type CaseForms = readonly (readonly string[])[];

export const caseForms = (text: string): CaseForms =>
  Array.from({ length: text.length }, (_, index) => {
    const unit = text.charAt(index);
    const lower = unit.toLowerCase();
    const upper = unit.toUpperCase();
    return lower === upper ? [lower] : [lower, upper];
  });

/** Does all of `text` read as the forms? */
export const equalsForms = (forms: CaseForms, text: string): boolean => endsOf(forms, text).has(text.length);

export const startsWithForms = (forms: CaseForms, text: string): boolean => endsOf(forms, text).size > 0;

export function endsWithForms(forms: CaseForms, text: string): boolean {
  let starts = new Set([text.length]);
  for (const choices of forms.toReversed()) {
    const next = new Set<number>();
    for (const end of starts) {
      for (const form of choices) if (text.slice(0, end).endsWith(form)) next.add(end - form.length);
    }
    if (next.size === 0) return false;
    starts = next;
  }
  return true;
}

/** Where reading the forms from the beginning of `text` can end. */
function endsOf(forms: CaseForms, text: string): ReadonlySet<number> {
  let ends = new Set([0]);
  for (const choices of forms) {
    const next = new Set<number>();
    for (const start of ends) {
      for (const form of choices) if (text.startsWith(form, start)) next.add(start + form.length);
    }
    if (next.size === 0) return next;
    ends = next;
  }
  return ends;
}
