import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import typescript from 'typescript-eslint';

export default defineConfig(
    { ignores: ['built/'] },
    js.configs.recommended,
    {
        files: ['**/*.ts'],
        extends: [typescript.configs.strictTypeChecked, typescript.configs.stylisticTypeChecked],
        languageOptions: { parserOptions: { projectService: true } },
        rules: {
            // A number or a boolean in a template reads as it is written.
            '@typescript-eslint/restrict-template-expressions': [
                'error',
                { allowNumber: true, allowBoolean: true },
            ],
            // The test runner of Node reports a failed test itself.
            '@typescript-eslint/no-floating-promises': [
                'error',
                { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['test', 'suite'] }] },
            ],
        },
    },
    {
        files: ['*.js'],
        languageOptions: { globals: { console: 'readonly', process: 'readonly' } },
    },
);
