// Makes a component of app.js: node componentize.mjs WIT JAVASCRIPT COMPONENT
import { componentize } from '@bytecodealliance/componentize-js';
import { readFile, writeFile } from 'node:fs/promises';

const [wit, source, target] = process.argv.slice(2);
const { component } = await componentize(await readFile(source, 'utf8'), { witPath: wit, worldName: 'hello' });
await writeFile(target, component);
