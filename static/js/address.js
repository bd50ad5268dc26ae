// <body data-address="/desk/sign-in">: this page answers a form, and stands in the history as the page of that address.
// Else the browser, going back to it, shows a page of its own that asks whether the form is to be sent again.
(() => {
  const { address } = document.body.dataset;
  if (address) history.replaceState(history.state, "", address);
})();
