import type { ParameterSchema } from './request.ts';

type Property = ParameterSchema['properties'][string];

/** Patterns come from the application's own tool schemas, never from a user. */
function firstMatch(pattern: string, text: string): string | undefined {
  const unanchored = pattern.replace(/^\^/, '').replace(/\$$/, '');
  return new RegExp(unanchored).exec(text)?.[0];
}

function valueFor(property: Property, text: string): string | number | boolean | undefined {
  if (property.enum)
    return property.enum.find((option) => text.toLowerCase().includes(option.toLowerCase()));
  if (property.type === 'number' || property.type === 'integer') {
    const digits = /(?<![\w-])\d+(?:\.\d+)?/.exec(text)?.[0];
    return digits === undefined ? undefined : Number(digits);
  }
  if (property.type === 'boolean') return /\b(?:yes|true|please)\b/i.test(text);
  if (property.pattern) return firstMatch(property.pattern, text);
  return text;
}

/** Fills a tool's arguments from what the user said, or names the ones that are not in it. */
export function fillArguments(
  schema: ParameterSchema,
  text: string,
): { arguments: string } | { missing: string[] } {
  const filled: Record<string, string | number | boolean> = {};
  const missing: string[] = [];
  for (const [name, property] of Object.entries(schema.properties)) {
    const value = valueFor(property, text);
    if (value !== undefined) filled[name] = value;
    else if (schema.required.includes(name)) missing.push(name);
  }
  return missing.length > 0 ? { missing } : { arguments: JSON.stringify(filled) };
}
