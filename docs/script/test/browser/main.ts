// All checks of the built book in a browser; each is one line of the output.

import './sizes.ts';
import './every_page.ts';
import './search.ts';
import './keyboard.ts';
import './plain.ts';
import './cursor.ts';
import './knobs.ts';
import './programs.ts';
