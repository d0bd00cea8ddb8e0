// What a keyboard needs: on every page a link to each of its headings, before all else and shown while it has the focus.
// No tag may stand in here as text: what cleans the pages of foreign tags would leave the whole script out.
(() => {
  if (window.hasSkipLinks) return;
  window.hasSkipLinks = true;
  const linkTo = (heading) => {
    const link = document.createElement("a");
    link.href = "#";
    link.textContent = `Skip to: ${heading.innerText}`;
    link.onclick = (click) => {
      click.preventDefault();
      heading.tabIndex = -1;
      heading.focus();
    };
    return link;
  };
  document.addEventListener("focusin", (event) => {
    const links = document.querySelector(".skip-links");
    if (links && !links.contains(event.target))
      links.replaceChildren(...[...document.querySelectorAll('[data-testid="stMain"] h2')].map(linkTo));
  });
})();
