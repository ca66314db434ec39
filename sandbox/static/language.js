// What commands, options and choices are called in the language that the visitor has chosen.

export const language = { locale: "en-US" };

/** The name of a command, an option or a choice, as Discord's client shows it. */
export function called(thing) {
  return thing.name_localizations?.[language.locale] ?? thing.name;
}

/** Its description. */
export function described(thing) {
  return thing.description_localizations?.[language.locale] ?? thing.description;
}

/** Whether `typed` is its name, in English or in the visitor's language. */
export function isCalled(thing, typed) {
  return typed === thing.name || typed === called(thing);
}
