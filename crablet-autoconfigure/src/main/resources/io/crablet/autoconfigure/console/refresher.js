/** Does something again and again: never twice at once, not while nobody looks, and not while it is frozen. */
export class Refresher {
    #work;
    #pauseMs;
    #timer = null;
    #running = false;
    #again = false;
    #frozen = false;

    constructor(work, pauseMs) {
        this.#work = work;
        this.#pauseMs = pauseMs;
        document.addEventListener('visibilitychange', () => document.hidden ? this.#stop() : this.now());
    }

    get frozen() {
        return this.#frozen;
    }

    freeze(frozen) {
        this.#frozen = frozen;
        if (frozen) {
            this.#stop();
        } else if (!this.#running) {
            this.now();
        }
    }

    /** At once, or after the turn that is on its way, which may know nothing yet of what has just been done. */
    now() {
        if (this.#running) {
            this.#again = true;
        } else if (!this.#frozen) {
            this.#stop();
            this.#run();
        }
    }

    async #run() {
        this.#running = true;
        this.#again = false;
        try {
            await this.#work();
        } finally {
            this.#running = false;
            if (!this.#frozen && !document.hidden) {
                this.#timer = setTimeout(() => this.#run(), this.#again ? 0 : this.#pauseMs);
            }
        }
    }

    #stop() {
        clearTimeout(this.#timer);
    }
}
