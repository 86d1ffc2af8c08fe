import { expect, test } from 'vitest';
import { firstExample } from '../first-example.mjs';

const readme = (chapter: string) =>
  `# A\n\n\`\`\`ts\nno();\n\`\`\`\n\n## Example\n\n${chapter}\n## Guarantees\n\n\`\`\`ts\nno();\n\`\`\`\n`;

test('the first example is the first TypeScript of its chapter', () => {
  expect(firstExample(readme('Text.\n\n```sh\nls\n```\n\n```ts\nyes();\n```\n\n```ts\nno();\n```\n'))).toEqual({
    code: 'yes();\n',
    reason: undefined,
  });
  expect(firstExample(readme('Only words.\n'))).toBeUndefined();
  expect(firstExample('# A\n\n## Example\n\n```ts\nyes();\n```\n')?.code).toBe('yes();\n');
});

test('a reason belongs to the block right behind it', () => {
  const reason = '<!-- not run alone: it waits for others -->\n\n';
  expect(firstExample(readme(`${reason}\`\`\`ts\nyes();\n\`\`\`\n`))?.reason).toBe('it waits for others');
  expect(firstExample(readme(`\`\`\`ts\nyes();\n\`\`\`\n\n${reason}\`\`\`ts\nno();\n\`\`\`\n`))?.reason).toBeUndefined();
  expect(firstExample(readme(`${reason}Words.\n\n\`\`\`ts\nyes();\n\`\`\`\n`))?.reason).toBeUndefined();
});
