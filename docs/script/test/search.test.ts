import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sections } from '../search_index.js';

const PAGE = `<nav>elsewhere</nav><main>
<h1 id="queues"><a class="header" href="#queues">Queues</a></h1><p>First &amp; last.</p>
<style>.x {}</style><script type="application/json">{}</script>
<h2 id="full"><a class="header" href="#full">A full queue</a></h2>
<section class="panel"><p>claim</p><div class="program">
<pre><code>signal::ctrl_c().await;</code></pre><details><summary>Whole program</summary><pre><code>use all;</code></pre></details>
</div><div class="run"><ol><li>printed</li></ol></div></section>
<h3>Not in the index</h3>
</main>`;

test('a section is what lies below its heading, without whole programs and what they print', () => {
    const texts = sections(PAGE, ['queues', 'full']).map(({ text }) => text.replaceAll(/\s+/g, ' '));
    assert.deepEqual(texts, ['First & last.', 'claim signal::ctrl_c().await; Not in the index']);
});

test('the names of a program are found also without the path before them', () => {
    const words = sections(PAGE, ['queues', 'full'])[1]?.words.split(/\s+/);
    assert.deepEqual(words?.slice(0, 5), ['claim', 'signal::ctrl_c', 'signal', 'ctrl_c', 'await']);
});

test('a page that has no heading in the index is one section', () => {
    assert.deepEqual(sections('<main>text</main>', ['']), [{ text: 'text', words: 'text' }]);
});
