import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "swagger-ui-dist/swagger-ui.css";
import "./contrast.css";

SwaggerUI({
  url: "../openapi.json", // beside /console/, wherever a stage or a base path puts it
  dom_id: "#reference",
  deepLinking: true,
  docExpansion: "list",
  filter: true,
  persistAuthorization: false, // a service key stays in this tab's memory
  validatorUrl: null, // else the document is sent to another host
});
