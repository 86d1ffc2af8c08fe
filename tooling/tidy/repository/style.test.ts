import { afterAll, describe, expect, test } from 'vitest';
import { bannedEverywhere, consoleOutsideApps, pureTokens, testHabits } from '../src/banned-tokens.ts';
import { fileAims, fileBudget, functionBudget, sizeBudget } from '../src/budgets.ts';
import { describeFindings } from '../src/describe-findings.ts';
import { bindingFilesExist, levelRule, levelTags, oneOwner, publishedImports } from '../src/levels.ts';
import { fileNames, mainExports } from '../src/names.ts';
import { machineTraces, unfinishedNotes } from '../src/notes.ts';
import { packageShape, packageVersions } from '../src/package-shape.ts';
import { projectReferences, pureSettings } from '../src/project-settings.ts';
import { quotedCode } from '../src/quoted-code.ts';
import { readmeOptions } from '../src/readme-options.ts';
import { oneTitle, readmeHeadings } from '../src/readmes.ts';
import { repositoryFiles, repositorySizes } from '../src/repository-files.ts';
import type { Check } from '../src/source-file.ts';

const files = repositoryFiles();

const rules: Readonly<Record<string, Check>> = {
  'files keep their budget': fileBudget,
  'functions keep their budget': functionBudget,
  'pure packages know no time, chance, Node or promises': pureTokens,
  'the binding files exist': bindingFilesExist,
  'nobody writes export *, default exports, any or enum': bannedEverywhere,
  'the server writes through its logger': consoleOutsideApps,
  'tests state behaviour and all run': testHabits,
  'notes are finished': unfinishedNotes,
  // The samples of these rules' own tests are what they look for.
  'nothing names a machine or a registry': (all) =>
    machineTraces(all.filter(({ path }) => !path.startsWith('tooling/tidy/test/'))),
  'arrows point down': levelRule,
  'tags of turbo.json are the levels': levelTags,
  'published code imports what it lists': publishedImports,
  'a third-party dependency has one owner': oneOwner,
  'projects refer to what packages depend on': projectReferences,
  'pure packages compile without the types of Node': pureSettings,
  'manifests have one shape': packageShape,
  'versions and ranges agree': packageVersions,
  'READMEs have the chapters': readmeHeadings,
  'READMEs name every option that has a default': readmeOptions,
  'documents have one title': oneTitle,
  'documents quote code that the tests run': quotedCode,
  'file names say what is inside': fileNames,
  'a file is named after its one export': mainExports,
};

describe('the style guide', () => {
  test.each(Object.entries(rules))('%s', (_name, check) => {
    expect(describeFindings(check(files))).toBe('');
  });

  test('no file is a blob', () => {
    expect(describeFindings(sizeBudget(repositorySizes()))).toBe('');
  });
});

afterAll(() => {
  const aims = describeFindings(fileAims(files));
  if (aims !== '') process.stdout.write(`\nlonger than they aim to be:\n${aims}\n`);
});
