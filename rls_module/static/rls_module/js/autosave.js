/* Keeps what is typed while it is typed: <form data-autosave>. The save button does the same without this file. */
(function () {
  "use strict";

  var WAIT_MS = 3000;

  document.querySelectorAll(".rls form[data-autosave]").forEach(function (form) {
    var status = form.querySelector("[data-autosave-status]");
    var timer = 0;
    var edits = 0;
    var isOut = false; // a save is on its way: the next waits for its version
    var pressed = null; // a button that was pressed meanwhile
    var isOver = false; // somebody else saved, or the session ended: only the person can go on

    function say(what) {
      if (status) status.textContent = status.getAttribute("data-" + what) || "";
    }

    function later() {
      window.clearTimeout(timer);
      if (!isOver) timer = window.setTimeout(keep, WAIT_MS);
    }

    function goOn(kept, before) {
      form.elements.version.value = kept.version;
      if (form.elements.mark) form.elements.mark.value = kept.mark;
      if (edits === before) form.setAttribute("data-guard", "");
      say("kept");
    }

    function keep() {
      if (isOut) return later();
      var before = edits;
      var body = new FormData(form);
      body.set("do", "keep");
      isOut = true;
      fetch(form.action || window.location.href, { method: "POST", body: body, credentials: "same-origin" })
        .then(function (response) {
          if (response.status === 200 && !response.redirected) {
            return response.json().then(function (kept) {
              goOn(kept, before);
            });
          }
          isOver = response.status === 409 || response.status === 401 || response.redirected;
          say(response.status === 409 ? "theirs" : isOver ? "out" : "later");
        })
        .catch(function () {
          say("later");
        })
        .then(function () {
          isOut = false;
          if (pressed) form.requestSubmit(pressed);
          else if (edits !== before) later();
        });
    }

    function note(event) {
      if (event.target.form !== form) return;
      edits += 1;
      later();
    }
    form.addEventListener("input", note);
    form.addEventListener("change", note);
    form.addEventListener("submit", function (event) {
      window.clearTimeout(timer);
      if (!isOut) {
        isOver = true;
        return;
      }
      event.preventDefault(); // the save that is on its way first, or the person would meet it as somebody else's
      pressed = event.submitter;
    });
    window.addEventListener("pageshow", function (event) {
      if (event.persisted) isOver = false;
    });
  });
})();
