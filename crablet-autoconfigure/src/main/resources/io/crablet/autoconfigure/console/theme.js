// Not a module: it runs before the first paint, so that a dark page does not flash white.
(() => {
    'use strict';

    const KEY = 'crablet.theme';
    const CHOICES = ['auto', 'light', 'dark'];
    const LABELS = {auto: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark'};
    let choice = stored();

    function stored() {
        try {
            const value = localStorage.getItem(KEY);
            return CHOICES.includes(value) ? value : 'auto';
        } catch {
            return 'auto';
        }
    }

    function store() {
        try {
            localStorage.setItem(KEY, choice);
        } catch {
            // Storage is switched off: the choice holds until the page is left.
        }
    }

    function apply() {
        document.documentElement.dataset.theme = choice;
        const button = document.getElementById('theme');
        if (button) {
            button.textContent = LABELS[choice];
        }
        document.dispatchEvent(new Event('themechange'));
    }

    apply();
    document.addEventListener('DOMContentLoaded', () => {
        apply();
        document.getElementById('theme').addEventListener('click', () => {
            choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
            store();
            apply();
        });
    });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', apply);
})();
