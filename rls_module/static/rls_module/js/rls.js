/* Small comforts. Every page works without this file. */
(function () {
  "use strict";

  // "None of these" and the other answers of its group untick each other.
  document.addEventListener("change", function (event) {
    var box = event.target;
    if (box.type !== "checkbox" || !box.checked) return;
    var group = box.closest("[data-exclusive-group]");
    if (!group) return;
    var alone = box.hasAttribute("data-exclusive");
    group.querySelectorAll('input[type="checkbox"]').forEach(function (other) {
      if (other !== box && (alone || other.hasAttribute("data-exclusive"))) other.checked = false;
    });
  });

  // Leaving a changed form asks first: <form data-guard>.
  var leaving = false;
  function changed() {
    return document.querySelector('.rls form[data-guard="changed"]') !== null;
  }
  function note(event) {
    var form = event.target.form;
    if (form && form.matches(".rls form[data-guard]")) form.setAttribute("data-guard", "changed");
  }
  document.addEventListener("input", note);
  document.addEventListener("change", note);
  document.addEventListener("submit", function (event) {
    leaving = !event.defaultPrevented;
  });
  window.addEventListener("pageshow", function () {
    leaving = false;
  });
  window.addEventListener("beforeunload", function (event) {
    if (leaving || !changed()) return;
    event.preventDefault();
    event.returnValue = "";
  });

  // A page that came back with errors starts at their summary, and what was typed is still not saved.
  var summary = document.querySelector(".rls .error-summary");
  if (summary) {
    summary.focus();
    document.querySelectorAll(".rls form[data-guard]").forEach(function (form) {
      form.setAttribute("data-guard", "changed");
    });
  }
})();
