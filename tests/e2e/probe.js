// Runs in the page before the studio does: counts what React draws, and times frames.
// React reports every commit to the hook of its developer tools, in production builds, too.
(() => {
  const PERFORMED_WORK = 1; // a flag of React's: the component was called in this commit
  const counts = { commits: 0, components: 0, nodes: 0, nodeLists: 0 };
  const drawn = new Set();
  let isCounting = false;
  let nodeList = null;

  const isDrawn = (fiber) => typeof fiber.type === "function" || fiber.tag === 15 || fiber.tag === 14;

  function visit(fiber) {
    const { memoizedProps: props, alternate } = fiber;
    if (isDrawn(fiber) && fiber.flags & PERFORMED_WORK) {
      counts.components += 1;
      if (props?.type === "step" && props.data?.node) {
        counts.nodes += 1;
        drawn.add(props.id);
      }
      if (Array.isArray(props?.nodes) && props.nodeTypes && props.nodes !== nodeList) {
        if (nodeList) counts.nodeLists += 1;
        nodeList = props.nodes;
      }
    }
    if (alternate && alternate.child === fiber.child) return; // nothing below was touched
    for (let child = fiber.child; child; child = child.sibling) visit(child);
  }

  window.__REACT_DEVTOOLS_GLOBAL_HOOK__ = {
    isDisabled: false,
    supportsFiber: true,
    renderers: new Map(),
    inject: () => 1,
    checkDCE() {},
    onScheduleFiberRoot() {},
    onCommitFiberUnmount() {},
    onPostCommitFiberRoot() {},
    onCommitFiberRoot(_, root) {
      if (!isCounting) return;
      counts.commits += 1;
      visit(root.current);
    },
  };

  // The stream of a run, so that an event can be sent into it as if by the server.
  const streams = [];
  const Source = window.EventSource;
  window.EventSource = class extends Source {
    constructor(...given) {
      super(...given);
      streams.push(this);
    }
  };

  let painted = null;
  const watch = () => {
    const node = document.querySelector(".react-flow__node, [data-painted]");
    if (node && getComputedStyle(node).visibility === "visible") {
      requestAnimationFrame(() => requestAnimationFrame(() => (painted = performance.now())));
    } else requestAnimationFrame(watch);
  };
  requestAnimationFrame(watch);

  const sent = { bubbles: true, cancelable: true, view: window };
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

  function middle() {
    const box = document.querySelector("#canvas").getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  }

  function nearest() {
    const [x, y] = middle();
    const far = (node) => {
      const box = node.getBoundingClientRect();
      return Math.hypot(box.x + box.width / 2 - x, box.y + box.height / 2 - y);
    };
    const nodes = [...document.querySelectorAll(".react-flow__node-step")];
    return nodes.sort((a, b) => far(a) - far(b))[0];
  }

  let frames = null;
  window.probe = {
    /** Milliseconds from the start of the navigation until the first nodes stood on the screen. */
    painted: () => painted,
    mounted: () => document.querySelectorAll(".react-flow__node").length,
    elements: () => document.querySelectorAll("*").length,
    count() {
      Object.assign(counts, { commits: 0, components: 0, nodes: 0, nodeLists: 0 });
      drawn.clear();
      isCounting = true;
    },
    counted() {
      isCounting = false;
      return { ...counts, drawn: [...drawn] };
    },
    send(event) {
      const data = JSON.stringify(event);
      for (const stream of streams) stream.onmessage?.(new MessageEvent("message", { data }));
    },
    /** Intervals between frames, in milliseconds, until `recorded`. */
    record() {
      const mine = (frames = []);
      let last = null;
      const tick = () => {
        if (frames !== mine) return;
        const now = performance.now(); // what is passed is the time of the screen, in whole frames
        if (last !== null) mine.push(now - last);
        last = now;
        requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
    },
    recorded() {
      const mine = frames;
      frames = null;
      return mine;
    },
    /** A wheel at the middle of the canvas, one step a frame: [dx, dy] in pixels; ctrl zooms. */
    async wheel(steps, ctrlKey = false) {
      const [clientX, clientY] = middle();
      const pane = document.querySelector(".react-flow__pane");
      for (const [deltaX, deltaY] of steps) {
        await frame();
        pane.dispatchEvent(
          new WheelEvent("wheel", { ...sent, deltaX, deltaY, ctrlKey, clientX, clientY }),
        );
      }
      await frame();
    },
    /** The node nearest the middle is taken through these offsets, one a frame. */
    async drag(offsets) {
      const node = nearest();
      const { x, y, width, height } = node.getBoundingClientRect();
      const mouse = (type, target, [dx, dy]) => {
        const [clientX, clientY] = [x + width * 0.4 + dx, y + height * 0.4 + dy];
        const buttons = type === "mouseup" ? 0 : 1;
        target.dispatchEvent(new MouseEvent(type, { ...sent, buttons, clientX, clientY }));
      };
      mouse("mousedown", node, [0, 0]);
      for (const offset of offsets) {
        await frame();
        mouse("mousemove", window, offset);
      }
      mouse("mouseup", window, offsets.at(-1));
      await frame();
    },
    /** The positive control: the thread is blocked ten times, 40 ms each. */
    async block() {
      for (let time = 0; time < 10; time += 1) {
        await new Promise((resolve) => setTimeout(resolve, 80));
        const end = performance.now() + 40;
        while (performance.now() < end);
      }
    },
  };
})();
