// The sidebar's button of mdBook is the label of a hidden box: it gets a role, and works by keyboard.

const button = document.getElementById('mdbook-sidebar-toggle');
button?.setAttribute('role', 'button');
button?.setAttribute('tabindex', '0');
button?.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    button.click();
});
